"""HTTP to portals and authorization servers: public addresses only, and within a time limit."""
