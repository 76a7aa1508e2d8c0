//! Where formatted bytes go.

/// A receiver of bytes, in order.
pub(in crate::exports) trait Output {
    /// Takes the next bytes.
    fn put(&mut self, bytes: &[u8]);
}

/// Passes bytes on and counts them.
pub(super) struct Printer<'a> {
    output: &'a mut dyn Output,
    written: usize,
}

impl<'a> Printer<'a> {
    pub(super) fn new(output: &'a mut dyn Output) -> Self {
        Self { output, written: 0 }
    }

    /// How many bytes were passed on.
    pub(super) fn written(&self) -> usize {
        self.written
    }

    pub(super) fn put(&mut self, bytes: &[u8]) {
        self.output.put(bytes);
        self.written = self.written.saturating_add(bytes.len());
    }

    /// The same byte `count` times.
    pub(super) fn fill(&mut self, byte: u8, mut count: usize) {
        let chunk = [byte; 32];
        while count > 0 {
            let step = count.min(chunk.len());
            self.put(&chunk[..step]);
            count -= step;
        }
    }
}
