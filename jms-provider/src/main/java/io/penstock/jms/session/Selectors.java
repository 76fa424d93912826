package io.penstock.jms.session;

import io.penstock.protocol.selector.Selector;
import io.penstock.protocol.selector.SelectorSyntaxException;
import jakarta.jms.InvalidSelectorException;

/** Selectors as applications give them, checked before the broker is asked (rule 27). */
final class Selectors {
    private static final String ERROR_CODE = "INVALID_SELECTOR";

    private Selectors() {}

    /** @return null for none: null, or empty */
    static String checked(String selector) throws InvalidSelectorException {
        if (Selector.isNone(selector)) {
            return null;
        }
        try {
            Selector.compile(selector);
            return selector;
        } catch (SelectorSyntaxException e) {
            InvalidSelectorException invalid = new InvalidSelectorException(e.getMessage(), ERROR_CODE);
            invalid.initCause(e);
            throw invalid;
        }
    }
}
