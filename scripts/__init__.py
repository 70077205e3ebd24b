"""What makes models and proves the loop: commands to run, nothing to import from outside."""
