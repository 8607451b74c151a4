"""Reads films on a cluster of two nodes of this machine, and kills a worker in the middle; prints what came of it as JSON.

``python -m tests.cluster.two_nodes FILMS OUT [--kill]``. A program of its own, so that Ray's threads end with it.
"""

import json
import os
import sys
import threading
import time
from pathlib import Path

import psutil

FEW = 3
"""Files of a batch."""


def kill_a_worker(out: Path) -> None:
    """Kills an actor as soon as it has written its first batch."""
    while not list(out.glob("shard=*/*.parquet")):
        time.sleep(0.02)
    for process in psutil.process_iter(["cmdline"]):
        is_actor = "ray::MapWorker" in " ".join(process.info["cmdline"] or ())
        if is_actor and any(parent.pid == os.getpid() for parent in process.parents()):
            process.kill()
            return


def main() -> None:
    """Starts the cluster, reads, and stops it."""
    films, out = Path(sys.argv[1]), Path(sys.argv[2])
    os.environ |= {
        "RAY_USAGE_STATS_ENABLED": "0",
        "RAY_worker_niceness": "0",
    }  # a busy machine would starve the workers
    from ray.cluster_utils import Cluster

    from chexview import settings
    from chexview.cluster.archive_reading import ArchiveJob, read_archive
    from chexview.model import card as cards
    from chexview.model.checkpoint_choice import choose_checkpoint
    from chexview.worklist.batch_reading import film_files

    head = {"num_cpus": 1, "object_store_memory": 80 * 2**20, "include_dashboard": False}
    cluster = Cluster(initialize_head=True, head_node_args=head)
    cluster.add_node(num_cpus=1, object_store_memory=80 * 2**20)
    folder = choose_checkpoint(settings.load())
    job = ArchiveJob(folder, cards.read(folder).default_policy, out, insist=True, batch=FEW)
    killer = threading.Thread(target=kill_a_worker, args=(out,), daemon=True)
    if "--kill" in sys.argv:
        killer.start()
    start = time.monotonic()
    counts = read_archive(list(film_files([films])), job, address=cluster.address)
    seconds = time.monotonic() - start
    print(
        json.dumps(
            {
                "read": counts.read,
                "refused": counts.refused,
                "skipped": counts.skipped,
                "seconds": seconds,
                "killed": not killer.is_alive() if "--kill" in sys.argv else False,
            }
        )
    )
    cluster.shutdown()


if __name__ == "__main__":
    main()
