int add(int one, int other);

int add(int one, int other) { return one + other; }
