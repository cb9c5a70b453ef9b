# How the tests' PostgreSQL and Odoo run; for `source`, with $venv and $here set. A FOLDER is one Odoo:
# `db` is PostgreSQL's, `data` Odoo's, and `password` opens both.
#
#   start_postgresql FOLDER PORT     on loopback; $postgresql is its process
#   odoo FOLDER DB-PORT PROGRAM…     a Python program that gets the options of Odoo with this database
bin=$venv/postgresql/pgserver/pginstall/bin

# PostgreSQL refuses to run as root, as tests in containers do. In a user namespace root is somebody
# else, and so is the owner of root's files. Where there are no namespaces, the files change hands.
as=(env)
if [ "$(id -u)" = 0 ]; then
  as=(unshare --user --map-user=1000 --map-group=1000)
  "${as[@]}" true 2>/dev/null || as=(setpriv --reuid=65534 --regid=65534 --clear-groups)
fi

hand_over() {
  if [ "${as[0]}" = setpriv ]; then chown -R 65534:65534 "$@"; fi
}

start_postgresql() {
  hand_over "$1/db"
  # Nothing here must survive a power failure.
  "${as[@]}" "$bin/postgres" -D "$1/db" -h 127.0.0.1 -p "$2" -k '' \
    -c fsync=off -c synchronous_commit=off -c full_page_writes=off &
  postgresql=$!
  until "$bin/pg_isready" -q -h 127.0.0.1 -p "$2"; do
    kill -0 "$postgresql" || return 1
    sleep 0.05
  done
}

odoo() {
  local folder=$1 port=$2
  shift 2
  # Times are UTC everywhere in Odoo, if its process is.
  TZ=UTC PGPASSWORD=$(cat "$folder/password") exec "$venv/bin/python" -W ignore "$@" -d crm \
    --db_host=127.0.0.1 --db_port="$port" --db_user=odoo --data-dir="$folder/data" --no-database-list \
    --xmlrpc-interface=127.0.0.1 --max-cron-threads=0
}
