# What the official image does at its first start, as far as compose.yaml asks for it.
set -eu
data=/var/lib/postgresql/data
as_postgres() {
    runuser -u postgres -- "$@"
}
mkdir -p /var/run/postgresql
chown postgres "$data" /var/run/postgresql
if [ ! -e "$data/PG_VERSION" ]; then
    printf %s "$POSTGRES_PASSWORD" > /tmp/password
    chown postgres /tmp/password
    as_postgres initdb --pgdata "$data" --username "$POSTGRES_USER" --pwfile /tmp/password \
        --auth-local trust --auth-host scram-sha-256 --encoding UTF8 --locale C.UTF-8
    rm /tmp/password
    echo 'host all all all scram-sha-256' >> "$data/pg_hba.conf"
    echo "CREATE DATABASE $POSTGRES_DB" | as_postgres postgres --single -D "$data" postgres
fi
exec runuser -u postgres -- postgres -D "$data" -c 'listen_addresses=*'
