"""Looks and behaviour that every report page shares."""

STYLE = """
:root { color-scheme: light dark; --ink: #1d2730; --soft: #5d6b78; --line: #dfe4e8; --page: #f7f8f9;
  --card: #ffffff; --judged: #d3541b; --real: #23808a; --real-fill: #23808a44; --good: #2c7a4b;
  --bad: #b3261e; --good-fill: #2c7a4b1c; --bad-fill: #b3261e17; --wave: #34424f; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6ebef; --soft: #98a6b3; --line: #2c3741;
  --page: #12181d; --card: #1a2229; --judged: #ff8a4f; --real: #55c1cc; --real-fill: #55c1cc3d;
  --good: #6cc790; --bad: #ff8d84; --good-fill: #6cc79026; --bad-fill: #ff8d8422;
  --wave: #c4d0da; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; }
main { max-width: 1180px; margin: 0 auto; padding: 28px 20px 80px; }
h1 { font-size: 27px; margin: 0; letter-spacing: -0.01em; }
h2 { font-size: 19px; margin: 44px 0 10px; }
h3 { font-size: 15px; margin: 20px 0 6px; }
p { margin: 6px 0; max-width: 78ch; }
.soft, small { color: var(--soft); }
small { font-size: 12.5px; }
nav { margin: 10px 0 0; display: flex; flex-wrap: wrap; gap: 4px 16px; font-size: 13.5px; }
a { color: var(--real); }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 10px;
  padding: 14px 16px; }
.hero { display: grid; grid-template-columns: minmax(260px, 5fr) 8fr; gap: 14px; margin-top: 18px; }
.hero .worst { border-left: 5px solid var(--bad); }
.hero .worst strong { font-size: 23px; display: block; line-height: 1.25; }
.standings { display: grid; gap: 14px;
  grid-template-columns: repeat(auto-fit, minmax(190px, 1fr)); }
.term { display: grid; grid-template-columns: 72px 1fr 44px; gap: 8px; align-items: center;
  font-size: 13px; }
.track { position: relative; height: 7px; border-radius: 4px; background: var(--line);
  overflow: hidden; }
.track b { position: absolute; inset: 0 auto 0 0; background: var(--good); }
.track b.over { background: var(--bad); }
.track::after { content: ""; position: absolute; left: 33.3%; top: 0; bottom: 0; width: 2px;
  background: var(--ink); }
.term span:last-child { text-align: right; font-variant-numeric: tabular-nums; }
ol.advice { margin: 0; padding-left: 22px; } ol.advice li { margin: 5px 0; max-width: 92ch; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: 6px 10px; border-bottom: 1px solid var(--line);
  vertical-align: top; }
thead th { font-size: 13px; color: var(--soft); font-weight: 600; position: sticky; top: 0;
  background: var(--card); }
tbody th { font-weight: 500; min-width: 190px; }
tbody th a { color: inherit; text-decoration-color: var(--line); text-underline-offset: 3px; }
tr.group th { color: var(--soft); font-size: 12.5px; padding-top: 16px; letter-spacing: 0.02em; }
td b { font-weight: 600; } td small { display: block; white-space: nowrap; }
td.worse b, td.unlike b { color: var(--bad); } td.better b { color: var(--good); }
td.met { background: var(--good-fill); } td.missed { background: var(--bad-fill); }
.yes { color: var(--good); font-weight: 700; } .no { color: var(--bad); font-weight: 700; }
.sounds { display: grid; grid-template-columns: repeat(auto-fill, minmax(128px, 1fr)); gap: 10px; }
.sound { margin: 0; } .sound button { all: unset; cursor: pointer; display: block; width: 100%;
  border: 1px solid var(--line); border-radius: 8px; background: var(--card); overflow: hidden;
  border-top: 3px solid var(--judged); }
.sound.real button { border-top-color: var(--real); }
.sound button:hover, .sound button:focus-visible { outline: 2px solid var(--real); }
.sound.playing button { outline: 3px solid var(--judged); }
.sound img { display: block; width: 100%; height: 66px; image-rendering: auto; }
.sound svg { display: block; width: 100%; height: 34px; }
.sound figcaption { font-size: 11.5px; color: var(--soft); overflow: hidden; white-space: nowrap;
  text-overflow: ellipsis; padding-top: 2px; }
.wave { fill: var(--wave); }
.row-title { margin: 12px 0 5px; font-size: 13px; } .row-title b { color: var(--judged); }
.row-title b.real { color: var(--real); }
.plots { display: grid; grid-template-columns: repeat(auto-fill, minmax(230px, 1fr)); gap: 14px; }
.plot { width: 100%; height: auto; display: block; }
.plots.wide { grid-template-columns: repeat(auto-fill, minmax(420px, 1fr)); }
.tick { font-size: 9.5px; fill: var(--soft); } .wide .tick { font-size: 10px; }
.real-fill { fill: var(--real-fill); }
.judged-line { fill: none; stroke: var(--judged); stroke-width: 1.6; }
.real-line { fill: none; stroke: var(--real); stroke-width: 1.3; }
.mark { stroke: var(--line); stroke-width: 1; stroke-dasharray: 3 3; }
.interval { width: 96px; height: 18px; display: block; margin-top: 2px; }
.interval line { stroke-width: 2; } .judged-mark { stroke: var(--judged); fill: var(--judged); }
.real-mark { stroke: var(--real); fill: var(--real); }
.key { display: inline-flex; align-items: center; gap: 6px; margin-right: 14px; font-size: 13px; }
.key i { width: 14px; height: 4px; border-radius: 2px; background: var(--judged); }
.key i.real { background: var(--real); }
.confusion td { background: color-mix(in srgb, var(--real) calc(var(--share) * 70%), transparent); }
.confusion { width: auto; }
.pair { display: flex; flex-wrap: wrap; gap: 14px; }
dl { margin: 0; } dt { font-weight: 600; margin-top: 10px; } dd { margin: 0; max-width: 90ch; }
details summary { cursor: pointer; font-weight: 600; }
code { font-size: 12.5px; overflow-wrap: anywhere; }
@media (max-width: 760px) { .hero { grid-template-columns: 1fr; } }
@media print { .sound button { border-color: #999; } nav { display: none; } }
"""

SCRIPT = """
(() => {
  let now = null;
  const stop = () => {
    if (!now) return;
    now.pause(); now.currentTime = 0;
    now.closest('.sound').classList.remove('playing');
    now = null;
  };
  document.addEventListener('click', (event) => {
    const button = event.target.closest('.sound button');
    if (!button) return;
    const sound = button.parentElement, audio = sound.querySelector('audio');
    const again = audio === now;
    stop();
    if (again) return;
    now = audio;
    sound.classList.add('playing');
    audio.onended = stop;
    audio.play();
  });
})();
"""

PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; \
media-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<link rel="icon" href="data:,">
<title>$title</title>
<style>$style</style>
</head>
<body>
<main>
$body
</main>
<script>$script</script>
</body>
</html>
"""
