"""Starts serving: `python -m serving`."""

import gc

if __name__ == "__main__":
    # Nearly all that is imported stays for good: looking at it again and again is a fifth of the
    # start. `serving/service.py` turns the collector on.
    gc.disable()

    from serving.server import main

    main()
