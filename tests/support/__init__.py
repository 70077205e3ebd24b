"""What tests of several rooms start and fill; what one room alone takes stands in that room."""
