"""What the project says of itself outside its code."""

import configparser
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

import drumsmith
from drumsmith.cli.main import _parser

ROOT = Path(__file__).parents[1]
PAGES = ("README.md", "RESULTS.md", "CONTRIBUTING.md", "CHANGELOG.md")


def test_the_citation_file_is_valid():
    command = [sys.executable, "-m", "check_jsonschema"]
    schema = ["--builtin-schema", "vendor.citation-file-format", str(ROOT / "CITATION.cff")]
    done = subprocess.run([*command, *schema], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_the_citation_file_names_the_version():
    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert cited["version"] == drumsmith.__version__


@pytest.mark.parametrize("page", PAGES)
def test_what_a_page_links_to_is_there(page):
    text = (ROOT / page).read_text()
    links = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", text)
    missing = [link for link in links if "://" not in link and not (ROOT / link).exists()]
    assert not missing


@pytest.mark.parametrize("page", PAGES)
def test_what_a_page_points_to_within_itself_is_there(page):
    text = (ROOT / page).read_text()
    headings = {
        re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-")
        for heading in re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    }
    assert set(re.findall(r"\]\(#([^)]+)\)", text)) <= headings


def test_every_package_is_installed():
    settings = configparser.ConfigParser()
    settings.read(ROOT / "setup.cfg")
    listed = set(settings["options"]["packages"].split())
    left_out = {"tests", "tools", "benchmarks", "examples", "build", "dist"}
    found = {
        ".".join(("drumsmith", *file.parent.relative_to(ROOT).parts))
        for file in ROOT.rglob("__init__.py")
        if not left_out & set(file.relative_to(ROOT).parts)
        and not any(part.startswith(".") for part in file.relative_to(ROOT).parts)
    }
    assert listed == found


COMMANDS = [
    (page, line)
    for page in ("README.md", "serving/README.md", "training/README.md")
    for block in re.findall(r"```sh\n(.*?)```", (ROOT / page).read_text(), re.DOTALL)
    for line in block.replace("\\\n", " ").splitlines()
    if line.startswith("drumsmith ")
]


@pytest.mark.parametrize(("page", "line"), COMMANDS)
def test_the_command_knows_what_the_pages_call(page, line):
    words = shlex.split(line, comments=True)
    if "&" in words or "|" in words:
        words = words[: min(words.index(mark) for mark in "&|" if mark in words)]
    _parser().parse_args(words[1:])


@pytest.mark.parametrize("page", ["README.md", "tools/model_card_template.md"])
def test_python_in_the_pages_uses_public_names_that_exist(page):
    code = "".join(re.findall(r"```python\n(.*?)```", (ROOT / page).read_text(), re.DOTALL))
    compile(code, page, "exec")
    names = set(re.findall(r"\bdrumsmith\.(\w+)", code))
    names |= set(re.findall(r"^from drumsmith import (\w+)$", code, re.MULTILINE))
    assert names <= set(dir(drumsmith))


@pytest.mark.parametrize("page", [*PAGES, "serving/README.md", "training/README.md"])
def test_files_that_a_page_names_are_there(page):
    named = set(
        re.findall(r"`(?:python )?([\w.-]+/[\w./-]+\.(?:py|md|yaml))", (ROOT / page).read_text())
    )
    places = (ROOT, (ROOT / page).parent)
    assert not {name for name in named if not any((place / name).exists() for place in places)}
