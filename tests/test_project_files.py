"""What the project says of itself outside its code."""

import configparser
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

import drumsmith

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
