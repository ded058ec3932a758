# The web page on port 7860, without a GPU. Notes of your own are mounted; what is made lies in /data.
#   docker build -t rag .
#   docker run -it --rm -v ragdata:/data rag user add li        # who may log in
#   docker run -p 7860:7860 -v ragdata:/data -v ~/notes:/notes:ro rag serve --host 0.0.0.0 --corpus /notes
# Without --corpus it answers from the notes that come with the program. The embedded model needs about
# 3 GB of memory; `--llm none` about 1 GB.
FROM python:3.11-slim

# libgomp: torch and llama.cpp find it on a desktop; slim images lack it.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends libgomp1 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /data --no-create-home rag \
    && install -d -o rag -g rag /data

WORKDIR /src
COPY constraints.txt pyproject.toml README.md LICENSE ./
COPY scripts/install.sh scripts/
COPY rag rag
COPY ui ui
COPY corpus corpus
# The same steps by hand, on a machine without Docker: sh scripts/install.sh FOLDER
RUN sh scripts/install.sh /opt/rag "local,mcp" && rm -rf /src /root/.cache
WORKDIR /data

ENV PATH=/opt/rag/bin:$PATH \
    HOME=/data \
    LANG=C.UTF-8 \
    PYTHONDONTWRITEBYTECODE=1 \
    RAG_DATA_DIR=/data \
    RAG_CACHE_DIR=/data/cache
# `rag`, by its number: what starts the image can see that it is not root.
USER 10001
VOLUME /data
EXPOSE 7860
# Any answer of the page will do: with logins it is the form that asks for one.
HEALTHCHECK --interval=30s --timeout=10s --start-period=180s --retries=3 \
    CMD ["python", "-c", "import urllib.request as u; u.build_opener(u.ProxyHandler({})).open('http://127.0.0.1:7860/', timeout=8)"]
STOPSIGNAL SIGINT
ENTRYPOINT ["rag"]
CMD ["serve", "--host", "0.0.0.0"]
