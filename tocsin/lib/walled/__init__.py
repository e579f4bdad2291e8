"""Django's PostgreSQL backend that keeps the wall: before each statement the database knows who asks."""
