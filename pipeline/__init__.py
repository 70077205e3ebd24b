"""What the services share. Imports no other folder of Boucle."""
