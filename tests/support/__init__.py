"""What tests start and fill: installations, stores, servers, trainers, feedback."""
