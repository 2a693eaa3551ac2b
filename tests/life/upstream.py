"""A git remote with this program in it, and a checkout of it to run from.

All is as it is for an operator but `make install`: its environment borrows the libraries that the tests run with, so
that a version is built within a second.
"""

import shutil
import subprocess
import sysconfig
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
PACKAGES = ("agent", "bot", "chat", "mcp_servers", "memory", "reminders", "sandbox", "storage", "tools")
MAKEFILE = """
install:
	$(PYTHON) -m venv --without-pip .venv
	.venv/bin/python install.py "$(CURDIR)"
"""
INSTALL = """
import pathlib, sys, sysconfig
folder, there = sys.argv[1], pathlib.Path(sysconfig.get_path("purelib"))
(there / "here.pth").write_text(folder + chr(10) + {libraries!r} + chr(10))
script = pathlib.Path(folder, ".venv/bin/digmbot")
script.write_text("#!/bin/sh" + chr(10) + 'exec "' + folder + '/.venv/bin/python" -P -m bot.cli "$@"' + chr(10))
script.chmod(0o755)
"""


class Upstream:
    """`folder` is the remote, `checkout` what an operator has cloned and installed from it."""

    def __init__(self, below: Path) -> None:
        self.folder = below / "upstream"
        self.checkout = below / "checkout"
        for package in PACKAGES:
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(ROOT / package, self.folder / package, ignore=ignored)
        (self.folder / "Makefile").write_text(MAKEFILE)
        (self.folder / "install.py").write_text(INSTALL.format(libraries=sysconfig.get_path("purelib")))
        self.git("init", "--quiet", "--initial-branch=main")
        self.first = self.commit("The first version")
        git(below, "clone", "--quiet", str(self.folder), str(self.checkout))
        subprocess.run(["make", "--silent", "-C", self.checkout, "install", "PYTHON=python3"], check=True)

    @property
    def python(self) -> Path:
        return self.checkout / ".venv/bin/python"

    def git(self, *arguments: str) -> str:
        return git(self.folder, *arguments)

    def commit(self, subject: str) -> str:
        """What is in the folder now; its id."""
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", f"--message={subject}")
        return self.git("rev-parse", "HEAD")

    def change(self, path: str, old: str, new: str) -> None:
        file = self.folder / path
        text = file.read_text()
        assert old in text, f"{path} does not say {old!r} any more"
        file.write_text(text.replace(old, new, 1))


def git(folder: Path, *arguments: str) -> str:
    who = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org"]
    done = subprocess.run(["git", "-C", folder, *who, *arguments], check=True, capture_output=True, text=True)
    return done.stdout.strip()
