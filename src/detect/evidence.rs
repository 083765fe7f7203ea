//! How a candidate compares to a known entry, and what that proves.

/// Whether two values agree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Agreement {
    Yes,
    No,
    Unknown,
}

/// How a candidate compares to a known entry.
#[derive(Clone, Copy, Debug)]
pub(super) struct Evidence {
    pub(super) link: Agreement,
    pub(super) guid: Agreement,
    pub(super) title: Agreement,
    /// Whether the titles differ by a typing error at most.
    pub(super) is_almost: bool,
    pub(super) day: Agreement,
    pub(super) lead: Agreement,
    /// Whether the candidate's day is the later one.
    pub(super) is_later: bool,
    /// Whether one of the days is in the future.
    pub(super) is_misdated: bool,
}

impl Evidence {
    /// Returns how much speaks for a pair; `None` if it is none. `is_reread`: titles and days are
    /// printed in another way than before. `kept` and `moved`: how many entries kept their addresses,
    /// and how many did not.
    pub(super) fn rank(&self, is_reread: bool, kept: usize, moved: usize) -> Option<u8> {
        use Agreement::{No, Unknown, Yes};
        let has_lead = u8::from(self.lead == Yes);
        if self.link == Yes || self.guid == Yes {
            let keys = u8::from(self.link == Yes) + u8::from(self.guid == Yes);
            let is_other = self.is_other_entry() && !is_reread;
            return (!is_other)
                .then_some(10 + 4 * keys + 2 * u8::from(self.title == Yes) + has_lead);
        }
        if !self.is_equal() {
            return None;
        }
        let are_links_kept = kept > 0 && kept >= moved;
        match (self.link, self.guid) {
            (No, _) if are_links_kept => None,
            // Everything but title and day differs: it moved, if others moved as well.
            (No, No) if moved < 2 => None,
            // "Announcement" without a day comes again, at another address.
            (No, _) if self.day == Unknown => None,
            _ => Some(2 + has_lead),
        }
    }

    /// Whether title and day are the same, as far as there are days.
    pub(super) fn is_equal(&self) -> bool {
        self.title == Agreement::Yes && self.day != Agreement::No
    }

    /// Whether a key was only reused, since all else is of another entry.
    pub(super) fn is_other_entry(&self) -> bool {
        use Agreement::{No, Unknown, Yes};
        if self.link != Yes && self.guid != Yes {
            return false;
        }
        let is_next_day = self.day == No && self.is_later;
        let is_another_title = self.title == No && !(self.is_almost && self.guid != No);
        match (self.guid, self.link) {
            // A new identifier under the old address.
            (No, _) => is_next_day || self.title == No && !self.is_almost,
            // An old identifier under a new address.
            (Yes, No) if is_another_title && self.day != Yes => true,
            (Unknown, Yes) if is_next_day && self.lead == No => true,
            // Nothing but the key agrees, and the day decides nothing.
            _ if self.is_misdated && is_another_title && self.lead == No => true,
            _ => is_next_day && is_another_title,
        }
    }
}
