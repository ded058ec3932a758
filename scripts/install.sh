#!/bin/sh
# The program in a folder of its own, with nothing of this repository linked: what the Dockerfile does,
# for a machine without Docker. Python 3.11 or later.
#   sh scripts/install.sh FOLDER [EXTRAS]      then: FOLDER/bin/rag serve
#   sh scripts/install.sh FOLDER EXTRAS try    and ask it something in an empty folder, as an empty user
set -eu
folder=$1
extras=${2:-local}
cd "$(dirname "$0")/.."
"${PYTHON:-python3}" -m venv "$folder"
pip="$folder/bin/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt"
# The CPU build of torch: from where pip looks by itself, else from its own index.
$pip torch 2>/dev/null || $pip --extra-index-url "${TORCH_CPU:-https://download.pytorch.org/whl/cpu}" torch
# From a copy: the build writes beside what it builds.
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
cp -R constraints.txt pyproject.toml README.md LICENSE rag ui corpus "$copy"
$pip "$copy[$extras]"
"$folder/bin/python" -m pip check --disable-pip-version-check
if [ "${3:-}" = try ]; then
  empty=$(mktemp -d)
  mkdir "$empty/home" "$empty/here"
  cd "$empty/here"
  env -i PATH=/usr/bin:/bin HOME="$empty/home" LANG=C.UTF-8 RAG_DATA_DIR="$empty/home/data" \
    "$folder/bin/rag" ask "LoRA 是什么？" --llm none
  test -z "$(ls -A "$empty/here")"  # nothing is left where it was run
  rm -rf "$empty"
fi
