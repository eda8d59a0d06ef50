"""A package as a service on the network: what is asked is checked, what is answered says which model it came from."""
