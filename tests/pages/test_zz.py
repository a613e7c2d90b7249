from tests.pages.test_smoke import *
from tests.support.shown_text import texts_of
import json, collections, re
def test_dump(ids, visitors):
    found = collections.defaultdict(set)
    for v in visitors.values():
        v.http.cookies.set("cession-language", "zh-Hans")
    for path in _pages():
        address = _PARAMETER.sub(lambda match: ids[match[1]], path)
        for name in (ROLES if address == path else PARTIES):
            a = visitors[name].http.get(address + FORM, follow_redirects=True)
            if 'html' not in a.headers.get('content-type',''): continue
            for text in texts_of(a.text):
                if re.search(r'[A-Za-z]{2,}', text): found[text].add(f"{path} {name} {a.status_code}")
    json.dump({k: sorted(v) for k,v in found.items()}, open('/tmp/w2/dump.json','w'), ensure_ascii=False, indent=1)
from tests.pages.test_smoke import _pages, _PARAMETER
