"""Who may do what: every route of every service, asked as every role."""
