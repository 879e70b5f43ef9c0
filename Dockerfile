# Two images: `build` makes indexes, `serve` answers from one.
#
#   docker build --target build -t cognate-build .
#   docker build --target serve -t cognate .
#   docker run --rm -v "$PWD:/library" cognate-build build /library/my-library.ris --into /library/my-index
#   docker run --rm -p 8000:8000 -e COGNATE_API_KEY=… -v "$PWD/my-index:/data:ro" cognate
ARG BASE=python:3.11-slim-bookworm

FROM ${BASE} AS base
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PYTHONDONTWRITEBYTECODE=1
RUN python3 -m venv /usr/local/cognate
ENV PATH=/usr/local/cognate/bin:$PATH
WORKDIR /src
# the packages first: they change more rarely than the code
COPY constraints.txt pyproject.toml README.md LICENSE ./

FROM base AS serve-packages
COPY index index
COPY service service
RUN pip install -c constraints.txt .

FROM base AS build-packages
# PyTorch's CPU build where pip finds one, else from PyTorch's own index
RUN torch=$(sed -nE 's/^torch==([0-9.]+).*/\1/p' constraints.txt) \
    && (pip install -c constraints.txt "torch==$torch+cpu" \
        || pip install -c constraints.txt "torch==$torch+cpu" \
            --index-url https://download.pytorch.org/whl/cpu \
            --extra-index-url https://pypi.org/simple)
COPY index index
COPY service service
RUN pip install -c constraints.txt ".[build]"

FROM ${BASE} AS build
COPY --from=build-packages /usr/local/cognate /usr/local/cognate
ENV PATH=/usr/local/cognate/bin:$PATH
WORKDIR /library
ENTRYPOINT ["cognate"]
CMD ["--help"]

# the last target is the default one
FROM ${BASE} AS serve
COPY --from=serve-packages /usr/local/cognate /usr/local/cognate
RUN useradd --system --uid 10001 --no-create-home cognate
ENV PATH=/usr/local/cognate/bin:$PATH PYTHONDONTWRITEBYTECODE=1 \
    COGNATE_INDEX=/data COGNATE_HOST=0.0.0.0 COGNATE_PORT=8000
USER 10001
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
    CMD ["python3", "-c", "import os, urllib.request; urllib.request.urlopen(f\"http://127.0.0.1:{os.environ['COGNATE_PORT']}/readyz\", timeout=2)"]
# binding every address, it starts only with COGNATE_API_KEY set, or with `--public`
ENTRYPOINT ["cognate", "serve"]
