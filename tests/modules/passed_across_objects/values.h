/* What is passed between the objects: in registers of all kinds, on the stack, and as a result in memory. */
struct large {
    long values[6];
};

struct mixed {
    double x;
    int n;
};

struct large shift(struct large large, long by);
struct mixed scale(struct mixed mixed);
double weigh(double a, double b, double c, double d, double e, double f, double g, double h, double i, int j, int k, int l,
             int m, int n, int o, int p, int q, int r);
