#!/bin/sh
# Known faults of the dependencies that constraints.txt names, from PyPI's advisories; a mirror has none.
# A line of scripts/audit-exceptions.txt, `ID reason`, lets one pass. What cannot be looked up is an error
# too, but with --where-reachable (`make check`) only where PyPI itself answers.
set -eu
cd "$(dirname "$0")/.."
if [ "${1:-}" = --where-reachable ] && ! "${PYTHON:-python3}" -c '
import json, urllib.request
with urllib.request.urlopen("https://pypi.org/pypi/pip/24.0/json", timeout=10) as told:
    json.load(told)["vulnerabilities"]
' 2>/dev/null; then
  echo "The audit of the dependencies was skipped: PyPI and its advisories cannot be reached here."
  exit 0
fi
tools=$(mktemp -d)
trap 'rm -rf "$tools"' EXIT
"${PYTHON:-python3}" -m venv "$tools/venv"
"$tools/venv/bin/python" -m pip install --quiet --disable-pip-version-check pip-audit==2.10.1
# PyPI knows no +cpu; a package that only other systems need is looked up as well.
sed -e 's/+cpu//' -e 's/ *;.*//' -e '/^#/d' constraints.txt | sort -u >"$tools/lock.txt"
exceptions=$(sed -n 's/^\([A-Z][A-Za-z0-9-]*\).*/--ignore-vuln \1/p' scripts/audit-exceptions.txt)
# shellcheck disable=SC2086  # the exceptions are words
"$tools/venv/bin/pip-audit" --strict --disable-pip --no-deps --requirement "$tools/lock.txt" $exceptions
