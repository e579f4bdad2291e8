"""Every dependency is pinned, what is installed is what is pinned, and its licence goes with ours. Needs no network.

.venv/bin/python -m tests.security.dependencies      `make check` asks it; known weaknesses: `make audit`
"""

import json
import re
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

ROOT = Path(__file__).parents[2]

#: What goes with Apache-2.0: permissive, or copyleft of files only.
FIT = {
    "0BSD", "Apache-2.0", "BSD", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "ISC", "MIT", "MIT-0", "MIT-CMU", "MPL-2.0",
    "PSF-2.0", "Unlicense", "Zlib",
}  # fmt: skip
#: Copyleft of a library, used unchanged and exchangeable.
ALONE = {"psycopg": "LGPL-3.0-only", "psycopg-binary": "LGPL-3.0-only"}
#: As packages wrote it before there were SPDX names.
OLD = {
    "Apache 2.0": "Apache-2.0", "Apache Software License": "Apache-2.0", "BSD License": "BSD", "MIT License": "MIT",
    "BSD 2-Clause License": "BSD-2-Clause", "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
}  # fmt: skip


def fits(licence: str) -> bool:
    """An SPDX expression: of OR one, of AND all."""
    return any(all(_fits(name) for name in each.split(" AND ")) for each in licence.split(" OR "))


def _fits(name: str) -> bool:
    return OLD.get(name, name) in FIT or name.strip(" ()") in FIT


def licence_of(name: str) -> str:
    """What it says of itself: the expression, else the short word, else the classifiers."""
    said = distribution(name).metadata
    if expression := said.get("License-Expression"):
        return str(expression)
    word = str(said.get("License") or "").strip()
    if word and OLD.get(word, word) in FIT:
        return word
    classes = [c.rpartition(" :: ")[2] for c in said.get_all("Classifier") or () if c.startswith("License")]
    return " AND ".join(c for c in classes if c not in ("OSI Approved", "DFSG approved"))


def pinned() -> dict[str, str]:
    lines = (ROOT / "requirements.lock").read_text().splitlines()
    found = (re.match(r"([A-Za-z0-9._-]+)(?:\[[^]]*\])?==([^\s;\\]+)", line) for line in lines)
    return {plain(match[1]): match[2] for match in found if match}


def plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def unsealed() -> Iterator[str]:
    """What is pinned without a digest: pip and uv would take any file for it."""
    lines = (ROOT / "requirements.lock").read_text().splitlines()
    for line, follows in zip(lines, [*lines[1:], ""], strict=True):
        if "==" in line and not line.startswith(" ") and "--hash=sha256:" not in follows:
            yield f"{line.partition('==')[0]}: no digest (make lock)"


def python() -> Iterator[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    locked = pinned()
    for wanted in [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]:
        name = plain(re.split(r"[\[<>=!~; ]", wanted)[0])
        if name not in locked:
            yield f"{name}: in pyproject.toml and not in requirements.lock (make lock)"
    for name, version in locked.items():
        try:
            there = distribution(name).version
        except PackageNotFoundError:
            continue  # for another platform
        if there != version:
            yield f"{name}: {there} is installed and {version} is pinned"
        said = licence_of(name)
        if ALONE.get(name) != said and not fits(said):
            yield f"{name}: the licence {said or 'of nobody'!r} is not on the list"


def web() -> Iterator[str]:
    wanted = json.loads((ROOT / "web/package.json").read_text())
    for name, version in {**wanted["dependencies"], **wanted["devDependencies"]}.items():
        if not re.fullmatch(r"\d+\.\d+\.\d+", version):
            yield f"{name}: {version} is no exact version"
    for path, package in json.loads((ROOT / "web/package-lock.json").read_text())["packages"].items():
        name = path.rpartition("node_modules/")[2]
        if not name:
            continue
        if not package.get("integrity", "").startswith("sha512-"):
            yield f"{name}: no digest"
        if "resolved" in package:
            yield f"{name}: the lock names an address ({package['resolved']})"
        if not fits(package.get("license", "")):
            yield f"{name}: the licence {package.get('license')!r} is not on the list"


def main() -> int:
    wrong = [*unsealed(), *python(), *web()]
    print("\n".join(wrong) if wrong else f"dependencies: {len(pinned())} in Python, all pinned by digest and licensed")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
