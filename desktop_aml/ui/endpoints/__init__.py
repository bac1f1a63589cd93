"""The pages of endpoints: state, form to try, calls to copy. Sends rows through the façade alone."""
