"""What a session has chosen, as typed objects, and what of it the address says. No widgets."""
