#!/bin/sh
# Run once, by PostgreSQL's image in a fresh cluster: the database and its two roles. One owns the
# tables, for `souk migrate` alone; the other works with the rows, may make no tables and cannot
# step around row-level security. `souk migrate` gives it its rights on the tables.
set -eu

: "${POSTGRES_OWNER_PASSWORD:?}" "${POSTGRES_APP_PASSWORD:?}"

psql -X --no-password -v ON_ERROR_STOP=1 --username "${POSTGRES_USER:-postgres}" --dbname postgres \
    -v owner_password="$POSTGRES_OWNER_PASSWORD" -v app_password="$POSTGRES_APP_PASSWORD" <<'SQL'
CREATE ROLE souk_owner LOGIN PASSWORD :'owner_password'
    NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS;
CREATE ROLE souk_app LOGIN PASSWORD :'app_password'
    NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS;
CREATE DATABASE souk OWNER souk_owner;
REVOKE ALL ON DATABASE souk FROM PUBLIC;
GRANT CONNECT ON DATABASE souk TO souk_app;
SQL
