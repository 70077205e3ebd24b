"""What serving is measured against: the floors, the naive app, the peers."""
