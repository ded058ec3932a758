#!/bin/sh
# Known faults of the dependencies that constraints.txt names, from PyPI's advisories; it needs a network
# that reaches PyPI itself (a mirror has no advisories), so it is no part of `make check`. A line of
# scripts/audit-exceptions.txt, `ID reason`, lets one pass. What cannot be looked up is an error too.
set -eu
cd "$(dirname "$0")/.."
tools=$(mktemp -d)
trap 'rm -rf "$tools"' EXIT
"${PYTHON:-python3}" -m venv "$tools/venv"
"$tools/venv/bin/python" -m pip install --quiet --disable-pip-version-check pip-audit==2.10.1
# PyPI knows no +cpu; a package that only other systems need is looked up as well.
sed -e 's/+cpu//' -e 's/ *;.*//' -e '/^#/d' constraints.txt | sort -u >"$tools/lock.txt"
exceptions=$(sed -n 's/^\([A-Z][A-Za-z0-9-]*\).*/--ignore-vuln \1/p' scripts/audit-exceptions.txt)
# shellcheck disable=SC2086  # the exceptions are words
"$tools/venv/bin/pip-audit" --strict --disable-pip --no-deps --requirement "$tools/lock.txt" $exceptions
