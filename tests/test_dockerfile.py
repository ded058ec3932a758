"""The Dockerfile, read: no Docker is needed, and none is at hand where the tests run."""

import json
import re
import shlex
import subprocess
import sys

import pytest

from tests.places import REPOSITORY

TEXT = (REPOSITORY / "Dockerfile").read_text(encoding="utf-8")
LINES = [
    line.strip().partition(" ")[::2]
    for line in re.sub(r"^#.*\n", "", TEXT, flags=re.M).replace("\\\n", " ").splitlines()
    if line.strip()
]


def of(word):
    return [rest.strip() for name, rest in LINES if name == word]


def test_what_it_copies_is_there_and_is_not_ignored():
    ignored = (REPOSITORY / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert "*" in ignored
    for line in of("COPY"):
        *sources, _ = shlex.split(line)
        for source in sources:
            assert (REPOSITORY / source).exists(), source
            assert f"!{source.split('/')[0]}" in ignored, source


def test_what_the_build_needs_is_copied():
    """Everything that pyproject.toml and the install script read."""
    copied = {source for line in of("COPY") for source in shlex.split(line)[:-1]}
    script = (REPOSITORY / "scripts" / "install.sh").read_text(encoding="utf-8")
    [needed] = re.findall(r'^cp -R (.*) "\$copy"$', script, re.M)
    assert set(needed.split()) <= copied
    assert "scripts/install.sh" in copied


def test_it_runs_as_nobody_special_with_its_data_in_a_volume():
    names = [name for name, _ in LINES]
    assert of("USER") == ["10001"] and names.index("USER") < names.index("ENTRYPOINT")
    assert "useradd --system --uid 10001 " in of("RUN")[0]
    assert of("VOLUME") == ["/data"]
    environment = dict(part.split("=", 1) for part in shlex.split(" ".join(of("ENV"))))
    assert environment["RAG_DATA_DIR"].startswith("/data")
    assert environment["RAG_CACHE_DIR"].startswith("/data") and environment["HOME"] == "/data"
    assert not any("KEY" in name or "PASSWORD" in name for name in environment)
    assert json.loads(of("ENTRYPOINT")[0]) == ["rag"]


@pytest.mark.parametrize("status", [200, 500, None])
def test_the_health_check_tells_a_page_from_none(status):
    """Run against a page that answers, one that fails, and none."""
    command = json.loads(of("HEALTHCHECK")[0].partition("CMD ")[2])
    server = (
        "import http.server as h\n"
        "class H(h.BaseHTTPRequestHandler):\n"
        f"    def do_GET(self): self.send_response({status}); self.end_headers()\n"
        "    def log_message(self, *a): pass\n"
        "s = h.HTTPServer(('127.0.0.1', 0), H); print(s.server_port, flush=True)\n"
        "s.serve_forever()\n"
    )
    running = subprocess.Popen([sys.executable, "-c", server], stdout=subprocess.PIPE, text=True)
    try:
        port = running.stdout.readline().strip()
        if status is None:
            running.kill()
            running.wait()
        code = command[2].replace("7860", port)
        environment = {"http_proxy": "http://127.0.0.1:9", "PATH": "/usr/bin:/bin"}
        done = subprocess.run(
            [sys.executable, *command[1:2], code], env=environment, capture_output=True
        )
        assert (done.returncode == 0) == (status == 200)
    finally:
        running.kill()
        running.wait()
        running.stdout.close()


def test_the_script_is_a_script():
    path = REPOSITORY / "scripts" / "install.sh"
    assert subprocess.run(["sh", "-n", path]).returncode == 0
