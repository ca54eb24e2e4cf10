"""A Nextcloud E2EE client's reading half, written from the golden vectors' README and public standards."""
