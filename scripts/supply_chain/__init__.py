"""What an installation is made of: packages and images, pinned, audited, listed and bundled.

May import cli/. No command imports another. Start at `bundle.py`.
"""
