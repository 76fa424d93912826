package io.penstock.broker.request.jms;

import io.penstock.protocol.message.PenstockError;
import io.penstock.protocol.selector.Selector;
import io.penstock.protocol.selector.SelectorSyntaxException;

/** Selectors as requests name them. */
final class Selectors {
    private Selectors() {}

    /** @return null for none, which takes everything */
    static Selector compile(String text) throws FrontException {
        if (Selector.isNone(text)) {
            return null;
        }
        try {
            return Selector.compile(text);
        } catch (SelectorSyntaxException e) {
            throw new FrontException(PenstockError.INVALID_SELECTOR, e.getMessage(), e);
        }
    }
}
