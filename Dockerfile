# syntax=docker/dockerfile:1

FROM python:3.11-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /src

# The lock names everything, also what only developers need, and one version of each. So all of it
# is fetched and held against its hash; what is installed below comes from this folder alone, and
# only what the program itself asks for. (Hashes in a constraints file would fetch less; whether
# pip takes them depends on its version.)
COPY requirements.lock ./
RUN pip download --quiet --only-binary :all: --require-hashes -r requirements.lock -d /wheels \
    && pip install --quiet --no-index --find-links /wheels hatchling

COPY pyproject.toml README.md LICENSE ./
COPY platform/ platform/
COPY settlement/ settlement/
COPY storefront_api/ storefront_api/
COPY vendor_portal/ vendor_portal/
COPY templates/ templates/
RUN pip wheel --quiet --no-index --no-deps --no-build-isolation -w /wheels . \
    && python -m venv /opt/souk \
    && /opt/souk/bin/pip install --quiet --no-index --find-links /wheels souk \
    && /opt/souk/bin/pip check \
    && /opt/souk/bin/pip uninstall --quiet --yes pip setuptools


FROM python:3.11-slim
# The home stays empty: the sandbox and the mailbox refuse a directory with others' files.
RUN useradd --system --uid 10001 --no-create-home --home-dir /var/lib/souk souk \
    && install -d -o souk -g souk -m 700 /var/lib/souk
COPY --from=build /opt/souk /opt/souk
ENV PATH=/opt/souk/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    SOUK_HOME=/var/lib/souk \
    SOUK_HOST=0.0.0.0 \
    SOUK_PORT=8000
USER souk
WORKDIR /var/lib/souk
EXPOSE 8000
STOPSIGNAL SIGTERM
# Of the web, which is what runs unless another command is given; docker-compose.yml has the others.
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s \
    CMD ["python", "-c", "import urllib.request as web; web.urlopen('http://127.0.0.1:8000/health', timeout=4)"]
CMD ["souk", "web"]
