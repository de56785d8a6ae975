#!/usr/bin/python3
"""Checks that every relative link in the Markdown files of this repository leads to a file, and every anchor to a heading."""

import pathlib
import re
import subprocess
import sys
import unicodedata
from urllib.parse import unquote

ROOT = pathlib.Path(__file__).resolve().parents[2]
LINK = re.compile(r"(?<!!)\[[^\]\n]*\]\(([^()\s]+)(?:\s+\"[^\"]*\")?\)")
IMAGE = re.compile(r"!\[[^\]\n]*\]\(([^()\s]+)\)")
FENCE = re.compile(r"^(```|~~~).*?^\1\s*$", re.MULTILINE | re.DOTALL)
HEADING = re.compile(r"^#{1,6}\s+(.*?)\s*#*\s*$", re.MULTILINE)


def prose(text):
    """The text without code, in which brackets are no links."""
    return re.sub(r"`[^`\n]*`", "", FENCE.sub("", text))


def anchor(heading):
    heading = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).replace("`", "").lower()
    kept = "".join(c for c in heading if c in "-_ " or unicodedata.category(c)[0] in "LN")
    return kept.replace(" ", "-")


def main():
    names = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "*.md"],
        cwd=ROOT, check=True, capture_output=True, text=True).stdout.split("\0")
    broken, links = [], 0
    for name in filter(None, names):
        page = ROOT / name
        text = prose(page.read_text(encoding="utf-8"))
        for target in LINK.findall(text) + IMAGE.findall(text):
            if re.match(r"[a-z][a-z0-9+.-]*:", target):
                continue
            links += 1
            path, _, fragment = target.partition("#")
            goal = (page.parent / unquote(path)).resolve() if path else page
            if not goal.exists() or ROOT not in (goal, *goal.parents):
                broken.append(f"{name}: {target}: no such file")
            elif fragment and goal.suffix == ".md":
                headings = HEADING.findall(FENCE.sub("", goal.read_text(encoding="utf-8")))
                if fragment not in map(anchor, headings):
                    broken.append(f"{name}: {target}: no such heading")
    print(f"{links} links checked")
    print("\n".join(broken))
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
