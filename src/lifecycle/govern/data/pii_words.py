"""Words by which a name or a street is told from other words with capitals: short lists, and no more than that."""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


GIVEN_NAMES = _words(
    """
    aaron adam ahmed aisha alan albert alejandro alex alexander alice ali amanda amy ana andrea andrew angela anita ann anna
    anne anthony antonio arjun arthur barbara ben benjamin bernd betty brandon brenda brian carla carlos carol catherine
    charles charlotte chen chloe christian christina christine christopher claire clara claudia daniel david deborah diana
    diego donald donna dorothy edward elena elias elizabeth ella emil emily emma eric erika ethan eva fatima felix fiona
    florence frank friedrich gabriel george gerald giulia grace gregory hannah hans harold harry heather heinrich helen
    helena henry hiroshi ian ibrahim ines ingrid isabel isabella jack jacob james jan jane janet jason javier jean jennifer
    jessica joan johann johanna john jonas jonathan jorge jose joseph joshua juan juanita judith julia julie karen karl
    katharina katherine keith kelly kenneth kevin klaus larry laura lauren lea lena leo leon lina linda lisa louis louise
    lucas lucia luis lukas luke magdalena manuel marco margaret maria marie mark markus marta martha martin mary matthew max
    maya megan mehmet mei melissa michael michelle miguel mohammed monica monika nancy natalie nathan nicholas nicole nina
    noah nora olga oliver olivia omar oscar pablo pamela patricia patrick paul paula pedro peter petra philip pierre priya
    rachel rahul ralf raymond rebecca richard robert roberto roger rosa rose ruth ryan samantha samuel sandra sara sarah
    scott sebastian sharon simon sofia sophia sophie stefan stephanie stephen steven susan sven tanya teresa theresa thomas
    timothy tom ursula valentina vera victor victoria virginia walter wei william yan yusuf zoe
    """
)
"""Common given names in lower case; many people are called otherwise."""

NOT_NAMES = _words(
    """
    street avenue road lane boulevard drive square court park airport station university college hospital hotel bank store
    shop inc ltd llc gmbh corp company group foundation institute museum bridge river lake bay island beach county city town
    sponge cake lamp chair table sofa shelf desk mug bowl plate kit set pack edition series model cream soap perfume
    january february march april june july august september october november december
    monday tuesday wednesday thursday friday saturday sunday day week month
    """
)
"""Words that follow a given name where a thing, a firm or a place is called after somebody."""

STREETS = "Street|St|Avenue|Ave|Road|Rd|Lane|Ln|Boulevard|Blvd|Drive|Dr|Court|Ct|Square|Terrace|Crescent|Close|Way|Place"
"""What English streets are called."""
