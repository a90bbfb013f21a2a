"""Hosts that erase their disk: with an SQLite file there, all counters start again at each restart."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path, PurePath

from bot.settings.database_url import PostgresServer, parse_url

# By variables that a platform sets in every process. The first that fits: many of them run on Kubernetes.
_PLATFORMS = {
    "Heroku": ("DYNO",),
    "Render": ("RENDER",),
    "Railway": ("RAILWAY_ENVIRONMENT_NAME", "RAILWAY_ENVIRONMENT_ID", "RAILWAY_SERVICE_ID"),
    "Fly": ("FLY_APP_NAME", "FLY_MACHINE_ID"),
    "Scalingo": ("SCALINGO_APP",),
    "Koyeb": ("KOYEB_APP_NAME", "KOYEB_SERVICE_NAME", "KOYEB_SERVICE_ID"),
    "Cloud Run": ("K_SERVICE", "CLOUD_RUN_JOB", "CLOUD_RUN_WORKER_POOL"),
    "App Engine": ("GAE_ENV", "GAE_SERVICE"),
    "Replit": ("REPLIT_DEPLOYMENT",),
    "Northflank": ("NF_PROJECT_ID", "NF_SERVICE_ID", "NF_HOSTS"),
    "Azure Container Apps": ("CONTAINER_APP_NAME", "CONTAINER_APP_REVISION", "CONTAINER_APP_JOB_NAME"),
    "Azure App Service": ("WEBSITE_SITE_NAME",),
    "Clever Cloud": ("CC_DEPLOYMENT_ID",),
    "Amazon ECS": ("ECS_CONTAINER_METADATA_URI_V4", "ECS_CONTAINER_METADATA_URI"),
    "Kubernetes": ("KUBERNETES_SERVICE_HOST",),
}
_CONTAINERS = {"docker": "Docker", "oci": "Docker", "podman": "Podman"}
"""By the variable `container`, which Podman sets; both leave a file."""
_MARKS = (Path("/.dockerenv"), Path("/run/.containerenv"))
_WITHOUT_DISKS = frozenset({"Heroku", "Scalingo", "App Engine", "Replit"})
# Where a disk that lasts is mounted, where a variable or a manual says so.
_SAID_IN = {"Railway": "RAILWAY_VOLUME_MOUNT_PATH"}
_APP_SERVICE_DISK, _APP_SERVICE_SWITCH = "/home", "WEBSITES_ENABLE_APP_SERVICE_STORAGE"
_MOUNTS = Path("/proc/self/mountinfo")
_PASSING = frozenset({"overlay", "aufs", "tmpfs", "ramfs", "rootfs", "squashfs", "proc", "sysfs", "devtmpfs"})


def ephemeral_host(
    environ: Mapping[str, str],
    database_url: str,
    folder: PurePath,
    *,
    mounted: Iterable[PurePath] | None = None,
    in_container: bool = False,
) -> str | None:
    """The platform's name, where the database is a file that it forgets; a relative one is in `folder`.

    `mounted` are the disks beside the container's own, None if nobody can tell; `in_container`: whether it is one.
    """
    target = parse_url(database_url)
    container = _CONTAINERS.get(environ.get("container", "").lower(), "Docker" if in_container else None)
    name = next((it for it, signs in _PLATFORMS.items() if any(map(environ.get, signs))), container)
    if name is None or isinstance(target, PostgresServer):
        return None
    return None if _lasts(name, PurePath(target.path), folder, environ, mounted) else name


def _lasts(
    platform: str,
    file: PurePath,
    folder: PurePath,
    environ: Mapping[str, str],
    mounted: Iterable[PurePath] | None,
) -> bool:
    if platform in _WITHOUT_DISKS:
        return False
    disks = list(mounted or ())
    if said := environ.get(_SAID_IN.get(platform, "")):
        disks.append(PurePath(said))
    if platform == "Azure App Service" and environ.get(_APP_SERVICE_SWITCH, "").lower() != "false":
        disks.append(PurePath(_APP_SERVICE_DISK))
    if any((folder / file).is_relative_to(disk) for disk in disks):
        return True
    # Nobody writes an absolute path without a disk in mind; on a platform, it can be seen whether there is one.
    believed = platform in _CONTAINERS.values() or (mounted is None and platform not in _SAID_IN)
    return believed and file.is_absolute()


def in_container() -> bool:
    return any(mark.exists() for mark in _MARKS)


def mounted_disks() -> tuple[PurePath, ...] | None:
    """None on systems that don't tell."""
    try:
        return disks_in(_MOUNTS.read_text(encoding="utf-8", errors="replace"))
    except OSError:
        return None


def disks_in(mountinfo: str) -> tuple[PurePath, ...]:
    """Mounted beside the root, and more than memory: https://man7.org/linux/man-pages/man5/proc_pid_mountinfo.5.html"""
    found = []
    for line in mountinfo.splitlines():
        before, _, after = line.partition(" - ")
        fields, kind = before.split(" "), after.split(" ")[0]
        if len(fields) > 4 and fields[4] != "/" and kind not in _PASSING and not kind.startswith("cgroup"):
            found.append(PurePath(fields[4].replace("\\040", " ")))
    return tuple(found)
