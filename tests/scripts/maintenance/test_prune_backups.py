"""Old backups are deleted, the latest stay, and so does what is no backup."""

import sys

from scripts.maintenance import prune_backups


def test_the_latest_backups_are_kept(tmp_path, monkeypatch):
    for day in range(1, 6):
        for ending in ("dump", "tar.gz"):
            (tmp_path / f"boucle-2026-01-0{day}T02-30-00.{ending}").touch()
    (tmp_path / "mine.tar.gz").touch()
    monkeypatch.setattr(sys, "argv", ["prune", "--folder", str(tmp_path), "--keep", "2"])
    prune_backups.main()
    kept = sorted(path.name for path in tmp_path.iterdir())
    assert kept == [
        "boucle-2026-01-04T02-30-00.dump",
        "boucle-2026-01-04T02-30-00.tar.gz",
        "boucle-2026-01-05T02-30-00.dump",
        "boucle-2026-01-05T02-30-00.tar.gz",
        "mine.tar.gz",
    ]
