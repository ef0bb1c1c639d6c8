"""Life after training: tables that grow, shrink, merge, and go on learning."""
