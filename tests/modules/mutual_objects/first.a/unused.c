/* A member that nobody needs, and that needs what nobody has. */
int missing_everywhere(void);
int unused(void);

int unused(void) { return missing_everywhere(); }
