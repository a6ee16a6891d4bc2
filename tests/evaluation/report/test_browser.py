"""The page in a real browser: it runs without errors, and a click plays a sound."""

import subprocess

import pytest

from drumsmith.evaluation.report.page import page

from ...helpers.browser import CHROMIUM, FLAGS

# Clicks the first sound and notes what became of it where the printed document shows it.
PROBE = """
<script>
  const problems = [];
  addEventListener('securitypolicyviolation', (event) => problems.push(event.violatedDirective));
  addEventListener('error', (event) => problems.push(event.message || event.target.tagName), true);
  addEventListener('load', () => {
    const button = document.querySelector('.sound button');
    const audio = document.querySelector('.sound audio');
    button.click();
    const playing = document.querySelectorAll('.sound.playing').length;
    const images = [...document.images].every((image) => image.naturalWidth > 0);
    const wide = document.documentElement.scrollWidth > innerWidth;
    document.title = JSON.stringify({problems, playing, paused: audio.paused, images, wide});
  });
</script>
"""


@pytest.mark.skipif(CHROMIUM is None, reason="no chromium")
def test_the_page_runs_without_errors_and_a_click_plays(evaluation, tmp_path):
    path = tmp_path / "report.html"
    path.write_text(page(evaluation).replace("</head>", PROBE + "</head>"))
    command = [CHROMIUM, *FLAGS, f"--user-data-dir={tmp_path}/profile", "--dump-dom", path.as_uri()]
    answer = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    title = answer.stdout.split("<title>")[1].split("</title>")[0].replace("&quot;", '"')
    expected = '{"problems":[],"playing":1,"paused":false,"images":true,"wide":false}'
    assert title == expected
