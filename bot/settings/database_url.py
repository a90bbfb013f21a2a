"""`DATABASE_URL`, read without touching a driver: what operators paste, turned into what the drivers take."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

CONNECT_SECONDS = 5.0

SSL_MODES = frozenset({"disable", "allow", "prefer", "require", "verify-ca", "verify-full"})

# Whatever asyncpg does not know it hands to the server, which then refuses the connection.
TAKEN_BY_ASYNCPG = frozenset(
    {"host", "port", "dbname", "database", "user", "password", "passfile", "service"}
    | {"sslmode", "sslcert", "sslkey", "sslrootcert", "sslcrl", "sslpassword", "sslnegotiation"}
    | {"ssl_min_protocol_version", "ssl_max_protocol_version", "target_session_attrs"}
    | {"krbsrvname", "gsslib", "application_name", "options"}
)


@dataclass(frozen=True, slots=True)
class SqliteFile:
    """`path` as the operating system takes it, relative to the working directory or absolute."""

    path: str


@dataclass(frozen=True, slots=True)
class PostgresServer:
    """`dsns` hold the password; one for each host, the preferred first.

    `system_roots`: the certificate must be one that the operating system trusts.
    """

    dsns: tuple[str, ...] = field(repr=False)
    connect_seconds: float = CONNECT_SECONDS
    system_roots: bool = False

    @property
    def hosts(self) -> str:
        """As a sentence names them."""
        return " or ".join(urlsplit(dsn).hostname or "the server" for dsn in self.dsns)


def parse_url(url: str) -> SqliteFile | PostgresServer:
    """Which database `url` means.

    Raises ValueError with a sentence for the operator, which holds no part of the URL that may be secret.
    """
    scheme, separator, rest = url.strip().partition("://")
    if separator and scheme.lower() in {"postgres", "postgresql"}:
        return _postgres(url.strip())
    if not separator or scheme.lower() != "sqlite":
        raise ValueError("must begin with sqlite:///, postgres:// or postgresql://")
    if not rest.startswith("/"):
        raise ValueError("a SQLite URL has three slashes before the path, four before an absolute one")
    path = rest[1:]
    if not path.strip("/") or path.endswith("/"):
        raise ValueError("the SQLite URL names no file, as in sqlite:///data/imagine.db")
    if path == ":memory:" or "?" in path:
        raise ValueError("the SQLite URL must name a file, without parameters")
    return SqliteFile(path)


def _postgres(url: str) -> PostgresServer:
    try:
        parts = urlsplit(url)
        hosts = parts.netloc.rpartition("@")[2].split(",")  # IPv6 addresses stand in brackets
        _ = [int(port) for host in hosts if (port := host.rpartition("]")[2].partition(":")[2])]
    except ValueError:
        # From None: the message of the cause may quote what stands before the @.
        raise ValueError(_UNREADABLE) from None
    if parts.fragment or (not parts.netloc and "host=" not in parts.query and "service=" not in parts.query):
        raise ValueError(_UNREADABLE)
    given = {key.lower(): value for key, value in parse_qsl(parts.query) if value}
    kept = {key: value for key, value in given.items() if key in TAKEN_BY_ASYNCPG}
    # What JDBC and node-postgres call it.
    if given.get("ssl", "").lower() in {"true", "1"}:
        kept.setdefault("sslmode", "require")
    # libpq's `sslrootcert=system`, and `verify-full` without a file, for which asyncpg wants one in the home.
    system_roots = kept.get("sslrootcert", "system") == "system" and (
        kept.pop("sslrootcert", None) is not None or kept.get("sslmode") == "verify-full"
    )
    if kept.get("sslmode", "prefer") not in SSL_MODES:
        raise ValueError(f"sslmode must be one of {', '.join(sorted(SSL_MODES))}")
    if len(hosts) > 1:
        # Of a primary and its standbys, which may change places.
        kept.setdefault("target_session_attrs", "read-write")
    query = "?" + urlencode(kept, quote_via=quote) if kept else ""
    # Split at the last @, for passwords that hold one: asyncpg would split at the first.
    login, at, _ = parts.netloc.rpartition("@")
    user, colon, password = login.partition(":")
    dsns = tuple(
        f"postgresql://{_quoted(user)}{colon}{_quoted(password)}{at}{host}{parts.path}{query}"
        for host in hosts
    )
    try:
        seconds = float(int(given.get("connect_timeout", "")))
    except ValueError:
        seconds = 0.0
    # libpq reads 0 as for ever; hosts write 15 or 30, but a member waits meanwhile.
    return PostgresServer(
        dsns, min(seconds, CONNECT_SECONDS) if seconds > 0 else CONNECT_SECONDS, system_roots
    )


_UNREADABLE = (
    "the PostgreSQL URL cannot be read; it looks like postgres://user:password@host:5432/name, "
    "with #, /, ? and % in the password written as %23, %2F, %3F and %25"
)


def _quoted(text: str) -> str:
    return quote(unquote(text), safe="")
