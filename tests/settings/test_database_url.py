"""What operators paste as DATABASE_URL, and what becomes of it."""

from __future__ import annotations

import pytest

from bot.settings.database_url import CONNECT_SECONDS, PostgresServer, SqliteFile, parse_url


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("sqlite:///data/imagine.db", "data/imagine.db"),
        ("sqlite:////var/lib/imagine.db", "/var/lib/imagine.db"),
        ("sqlite:///C:/bot/imagine.db", "C:/bot/imagine.db"),
        (" sqlite:///imagine.db\n", "imagine.db"),
        ("SQLite:///a folder/x.db", "a folder/x.db"),
    ],
)
def test_a_sqlite_url_names_a_file(url: str, path: str) -> None:
    assert parse_url(url) == SqliteFile(path)


@pytest.mark.parametrize(
    ("url", "dsn"),
    [
        pytest.param(
            "postgres://u:p@ec2-1.compute-1.amazonaws.com:5432/d1",
            "postgresql://u:p@ec2-1.compute-1.amazonaws.com:5432/d1",
            id="Heroku",
        ),
        pytest.param(
            "postgresql://u:p@ep-x-pooler.eu-central-1.aws.neon.tech/neondb?sslmode=require&channel_binding=require",
            "postgresql://u:p@ep-x-pooler.eu-central-1.aws.neon.tech/neondb?sslmode=require",
            id="Neon",
        ),
        pytest.param(
            "postgres://postgres.ref:p@aws-0-eu.pooler.supabase.com:6543/postgres?pgbouncer=true&connection_limit=1",
            "postgresql://postgres.ref:p@aws-0-eu.pooler.supabase.com:6543/postgres",
            id="Supabase",
        ),
        pytest.param(
            "postgresql://u:p@dpg-x-a.frankfurt-postgres.render.com/db",
            "postgresql://u:p@dpg-x-a.frankfurt-postgres.render.com/db",
            id="Render",
        ),
        pytest.param(
            "postgresql://postgres:p@postgres.railway.internal:5432/railway?connect_timeout=3",
            "postgresql://postgres:p@postgres.railway.internal:5432/railway",
            id="Railway",
        ),
        pytest.param(
            "postgres://u:p@db.flycast:5432/app?sslmode=disable",
            "postgresql://u:p@db.flycast:5432/app?sslmode=disable",
            id="Fly",
        ),
        pytest.param(
            "postgres://u:p@h/d?ssl=true&sslmode=", "postgresql://u:p@h/d?sslmode=require", id="node style"
        ),
        pytest.param(
            "postgres://h/d?application_name=imagine&options=-csearch_path%3Dbot&target_session_attrs=read-write",
            "postgresql://h/d?application_name=imagine&options=-csearch_path%3Dbot&target_session_attrs=read-write",
            id="what the server understands",
        ),
        pytest.param(
            "postgres://h/d?sslmode=verify-ca&sslrootcert=/etc/ca.pem&gssencmode=disable&keepalives=1",
            "postgresql://h/d?sslmode=verify-ca&sslrootcert=%2Fetc%2Fca.pem",
            id="what libpq alone understands",
        ),
        pytest.param("postgres://u:p@1@h/d", "postgresql://u:p%401@h/d", id="an @ in the password"),
        pytest.param("postgres://u:p%23%25@h/d", "postgresql://u:p%23%25@h/d", id="an escaped password"),
        pytest.param("postgres://u:p@[::1]:5433/d", "postgresql://u:p@[::1]:5433/d", id="IPv6"),
        pytest.param(
            "postgres://u:@/d?host=/run/pg", "postgresql://u:@/d?host=%2Frun%2Fpg", id="a local socket"
        ),
    ],
)
def test_a_postgres_url_becomes_one_that_the_driver_takes(url: str, dsn: str) -> None:
    parsed = parse_url(url)
    assert isinstance(parsed, PostgresServer)
    assert parsed.dsns == (dsn,)
    assert not parsed.system_roots


@pytest.mark.parametrize(
    ("query", "wanted"), [("", "read-write"), ("?target_session_attrs=primary", "primary")]
)
def test_of_several_hosts_each_is_tried_by_itself_for_one_that_takes_writes(query: str, wanted: str) -> None:
    parsed = parse_url(f"postgres://u:p@q@a:1,[::1]:2,c/d{query}")
    assert isinstance(parsed, PostgresServer)
    assert parsed.dsns == tuple(
        f"postgresql://u:p%40q@{host}/d?target_session_attrs={wanted}" for host in ("a:1", "[::1]:2", "c")
    )
    assert parsed.hosts == "a or ::1 or c"


@pytest.mark.parametrize("query", ["sslmode=verify-full", "sslmode=verify-full&sslrootcert=system"])
def test_a_full_check_of_the_certificate_trusts_what_the_system_trusts(query: str) -> None:
    parsed = parse_url(f"postgres://h/d?{query}")
    assert parsed == PostgresServer(
        ("postgresql://h/d?sslmode=verify-full",), CONNECT_SECONDS, system_roots=True
    )


@pytest.mark.parametrize(
    ("query", "seconds"),
    [
        ("connect_timeout=2", 2),
        ("connect_timeout=0", CONNECT_SECONDS),
        ("connect_timeout=60", CONNECT_SECONDS),
    ],
)
def test_connecting_takes_no_longer_than_a_member_waits(query: str, seconds: float) -> None:
    parsed = parse_url(f"postgres://h/d?{query}")
    assert isinstance(parsed, PostgresServer)
    assert parsed.connect_seconds == seconds


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("", "must begin with"),
        ("mysql://u:hunter2@h/d", "must begin with"),
        ("data/imagine.db", "must begin with"),
        ("sqlite://data/imagine.db", "three slashes"),
        ("sqlite:///", "names no file"),
        ("sqlite:////", "names no file"),
        ("sqlite:///data/", "names no file"),
        ("sqlite:///:memory:", "must name a file"),
        ("sqlite:///x.db?mode=ro", "without parameters"),
        ("postgres://", "cannot be read"),
        ("postgres:///d", "cannot be read"),
        ("postgres://u:hunter2#x@h/d", "cannot be read"),
        ("postgres://u:hunter2/x@h/d", "cannot be read"),
        ("postgres://u:hunter2?x@h/d", "cannot be read"),
        ("postgres://u:hunter2[@h/d", "cannot be read"),
        ("postgres://u:hunter2@h:port/d", "cannot be read"),
        ("postgres://u:hunter2@h/d?sslmode=sure", "sslmode must be one of"),
    ],
)
def test_a_mistake_is_explained_without_the_password(url: str, problem: str) -> None:
    with pytest.raises(ValueError, match=problem) as caught:
        parse_url(url)
    assert "hunter2" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_the_password_is_not_in_the_repr() -> None:
    assert "hunter2" not in repr(parse_url("postgres://u:hunter2@h/d"))
