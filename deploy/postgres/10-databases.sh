#!/bin/bash
# One database and one role for each service, and nobody else may connect to it.
# Runs once, when the server's volume is new.
set -euo pipefail

create() {
  local name=$1 password=$2
  psql --quiet --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres \
    --set name="$name" --set password="$password" <<'SQL'
create role :"name" login password :'password';
create database :"name" owner :"name";
revoke connect, temporary on database :"name" from public;
SQL
}

create capture "$CAPTURE_PASSWORD"
create scoring "$SCORING_PASSWORD"
create routing "$ROUTING_PASSWORD"
create sla_monitor "$SLA_PASSWORD"
create feedback "$FEEDBACK_PASSWORD"
create desk "$DESK_PASSWORD"
