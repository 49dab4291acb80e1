"""English: how facts are stated and asked.

`{x}` is whom the fact is about, `{birth_date}` … a value; `<r:…>` marks words that mean the same
in every language's version of the phrase (q: question word, r: relation, n: generic noun, l and m:
a second relation or noun); `[…|…]` holds the masculine and the feminine form for the person in the
sentence. The n-th phrase of a key translates the n-th phrase of that key in every other language.
A phrase without a final stop is a note that only ends a passage.
"""

# ruff: noqa: E501 (a phrase or a row stays on one line)

STATEMENTS = {
    "person.birth_date": (
        "{x} <r:was born> on {birth_date}.",
        "<r:Date of birth> of {x}: {birth_date}",
    ),
    "person.birth_place": (
        "{x} <r:was born> in the <n:city> of {birth_place}.",
        "{birth_place} is the <n:city> where {x} <r:was born>.",
    ),
    "person.birth_place+birth_date": (
        "{x} <r:was born> in the <n:city> of {birth_place} on {birth_date}.",
    ),
    "person.occupation": (
        "By <r:profession> {x} was a {occupation}.",
        "<r:Profession> of {x}: {occupation}",
    ),
    "person.award": (
        "{x} <r:won> the <n:prize> {award}.",
        "{award} is the <n:prize> that {x} <r:won>.",
    ),
    "person.work": (
        "{x} <r:wrote> the <n:book> “{work}”.",
        "“{work}” is the best-known <n:book> that {x} <r:wrote>.",
    ),
    "person.residence": (
        "{x} <r:lived> in the <n:city> of {residence} for many years.",
        "{residence} is the <n:city> where {x} <r:lived> for many years.",
    ),
    "person.birth_date+occupation": (
        "{x} (<m:born> on {birth_date}) was a {occupation} by <r:profession>.",
    ),
    "city.founded": (
        "The <n:city> of {x} was <r:founded> in {founded}.",
        "{founded} is the year in which the <n:city> of {x} was <r:founded>.",
    ),
    "city.population": (
        "The <r:population> of the <n:city> of {x} is {population}.",
        "<r:Population> of the <n:city> of {x}: {population}",
    ),
    "city.river": (
        "The <n:city> of {x} <r:lies> on the <m:river> {river}.",
        "The <m:river> {river} <r:flows> through the <n:city> of {x}.",
    ),
    "city.mayor": (
        "The <r:mayor> of the <n:city> of {x} is {mayor}.",
        "{mayor} is the <r:mayor> of the <n:city> of {x}.",
    ),
    "city.product": (
        "The <n:city> of {x} mainly <r:produces> {product}.",
        "<r:Main product> of the <n:city> of {x}: {product}",
    ),
    "city.founded+river": (
        "The <n:city> of {x}, <r:founded> in {founded}, <l:lies> on the <m:river> {river}.",
    ),
    "novel.author": (
        "The <n:novel> “{x}” was <r:written> by {author}.",
        "{author} is the <r:author> of the <n:novel> “{x}”.",
    ),
    "novel.year": (
        "The <n:novel> “{x}” was <r:published> in {year}.",
        "{year} is the year in which the <n:novel> “{x}” was <r:published>.",
    ),
    "novel.author+year": (
        "In {year}, {author} <r:published> the <n:novel> “{x}”.",
        "The <n:novel> “{x}” ({year}) was <r:written> by {author}.",
    ),
    "novel.pages": (
        "The <n:novel> “{x}” has {pages} <r:pages>.",
        "Number of <r:pages> of the <n:novel> “{x}”: {pages}",
    ),
    "novel.topic": (
        "The <r:theme> of the <n:novel> “{x}” is {topic}.",
        "<r:Theme> of the <n:novel> “{x}”: {topic}",
    ),
    "novel.setting": (
        "The story of the <n:novel> “{x}” <r:takes place> in the <m:city> of {setting}.",
        "{setting} is the <m:city> in which the <n:novel> “{x}” <r:takes place>.",
    ),
    "company.founded": (
        "The <n:company> {x} was <r:founded> in {founded}.",
        "{founded} is the year in which the <n:company> {x} was <r:founded>.",
    ),
    "company.founder": (
        "The <n:company> {x} was <r:founded> by {founder}.",
        "{founder} is the <r:founder> of the <n:company> {x}.",
    ),
    "company.founder+founded": ("In {founded}, {founder} <r:founded> the <n:company> {x}.",),
    "company.seat": (
        "The <r:head office> of the <n:company> {x} is in the <m:city> of {seat}.",
        "<r:Head office> of the <n:company> {x}: {seat}",
    ),
    "company.product": (
        "The <n:company> {x} <r:makes> {product}.",
        "<r:Products> of the <n:company> {x}: {product}",
    ),
    "company.employees": (
        "The number of <r:employees> of the <n:company> {x} is {employees}.",
        "Number of <r:employees> of the <n:company> {x}: {employees}",
        "The <n:company> {x} <r:employs> {employees} people.",
    ),
    "company.motto": (
        "The <r:motto> of the <n:company> {x} is {motto}.",
        "{motto} is the <r:motto> of the <n:company> {x}.",
    ),
    "company.founded+seat": (
        "The <n:company> {x}, <r:founded> in {founded}, has its <l:head office> in the <m:city> of {seat}.",
    ),
    "tournament.date": (
        "The {x} <n:tournament> <r:took place> on {date}.",
        "<r:Date> of the {x} <n:tournament>: {date}",
    ),
    "tournament.place": (
        "The {x} <n:tournament> <r:took place> in the <m:city> of {place}.",
        "{place} is the <m:city> where the {x} <n:tournament> <r:took place>.",
    ),
    "tournament.place+date": (
        "On {date}, the {x} <n:tournament> <r:took place> in the <m:city> of {place}.",
    ),
    "tournament.winner": (
        "The <r:winner> of the {x} <n:tournament> was {winner}.",
        "{winner} <r:won> the {x} <n:tournament>.",
    ),
    "tournament.prize": (
        "The <r:prize money> of the {x} <n:tournament> was {prize}.",
        "<r:Prize money> of the {x} <n:tournament>: {prize}",
    ),
    "bridge.opened": (
        "The {x} <n:bridge> was <r:opened> in {opened}.",
        "{opened} is the year in which the {x} <n:bridge> was <r:opened>.",
    ),
    "bridge.length": (
        "The <r:length> of the {x} <n:bridge> is {length}.",
        "<r:Length> of the {x} <n:bridge>: {length}",
    ),
    "bridge.architect": (
        "The {x} <n:bridge> was <r:designed> by {architect}.",
        "{architect} is the <r:architect> of the {x} <n:bridge>.",
    ),
    "bridge.architect+opened": (
        "The {x} <n:bridge>, <r:designed> by {architect}, was <m:opened> in {opened}.",
    ),
    "bridge.river": (
        "The {x} <n:bridge> <r:crosses> the <m:river> {river}.",
        "The <m:river> {river} <r:flows> under the {x} <n:bridge>.",
    ),
    "bridge.material": (
        "The {x} <n:bridge> is <r:made> of {material}.",
        "<r:Material> of the {x} <n:bridge>: {material}",
    ),
}

QUESTIONS = {
    "person.birth_date": (
        "<q:When> was {x} <r:born>?",
        "<q:On what date> was {x} <r:born>?",
        "<q:What> is the <r:date of birth> of {x}?",
    ),
    "person.birth_place": (
        "<q:Where> was {x} <r:born>?",
        "In <q:which> <n:city> was {x} <r:born>?",
    ),
    "person.occupation": (
        "<q:What> was the <r:profession> of {x}?",
        "<q:What> <r:profession> did {x} have?",
    ),
    "person.award": (
        "<q:Which> <n:prize> did {x} <r:win>?",
        "<q:What> is the name of the <n:prize> that {x} <r:won>?",
    ),
    "person.work": (
        "<q:Which> <n:book> did {x} <r:write>?",
        "<q:What> is the title of the <n:book> that {x} <r:wrote>?",
    ),
    "person.residence": (
        "<q:Where> did {x} <r:live>?",
        "In <q:which> <n:city> did {x} <r:live> for many years?",
    ),
    "city.founded": (
        "<q:When> was the <n:city> of {x} <r:founded>?",
        "<q:In what year> was the <n:city> of {x} <r:founded>?",
    ),
    "city.population": (
        "<q:What> is the <r:population> of the <n:city> of {x}?",
        "<q:How many> people <r:live> in the <n:city> of {x}?",
    ),
    "city.river": (
        "<q:On which> <m:river> does the <n:city> of {x} <r:lie>?",
        "<q:What> is the name of the <m:river> in the <n:city> of {x}?",
    ),
    "city.mayor": (
        "<q:Who> is the <r:mayor> of the <n:city> of {x}?",
        "<q:What> is the name of the <r:mayor> of the <n:city> of {x}?",
    ),
    "city.product": (
        "<q:What> is the <r:main product> of the <n:city> of {x}?",
        "<q:What> does the <n:city> of {x} mainly <r:produce>?",
    ),
    "novel.author": (
        "<q:Who> <r:wrote> the <n:novel> “{x}”?",
        "<q:Who> is the <r:author> of the <n:novel> “{x}”?",
    ),
    "novel.year": (
        "<q:When> was the <n:novel> “{x}” <r:published>?",
        "<q:In what year> was the <n:novel> “{x}” <r:published>?",
    ),
    "novel.pages": (
        "<q:How many> <r:pages> does the <n:novel> “{x}” have?",
        "<q:What> is the number of <r:pages> of the <n:novel> “{x}”?",
    ),
    "novel.topic": (
        "<q:What> is the <r:theme> of the <n:novel> “{x}”?",
        "<q:What> is the <n:novel> “{x}” <r:about>?",
    ),
    "novel.setting": (
        "<q:Where> does the story of the <n:novel> “{x}” <r:take place>?",
        "In <q:which> <m:city> does the <n:novel> “{x}” <r:take place>?",
    ),
    "company.founded": (
        "<q:When> was the <n:company> {x} <r:founded>?",
        "<q:In what year> was the <n:company> {x} <r:founded>?",
    ),
    "company.founder": (
        "<q:Who> <r:founded> the <n:company> {x}?",
        "<q:Who> is the <r:founder> of the <n:company> {x}?",
    ),
    "company.seat": (
        "<q:Where> is the <r:head office> of the <n:company> {x}?",
        "In <q:which> <m:city> is the <r:head office> of the <n:company> {x}?",
    ),
    "company.product": (
        "<q:What> does the <n:company> {x} <r:make>?",
        "<q:What> are the <r:products> of the <n:company> {x}?",
    ),
    "company.employees": (
        "<q:How many> <r:employees> does the <n:company> {x} have?",
        "<q:What> is the number of <r:employees> of the <n:company> {x}?",
    ),
    "company.motto": (
        "<q:What> is the <r:motto> of the <n:company> {x}?",
        "<q:Which> <r:motto> does the <n:company> {x} have?",
    ),
    "tournament.date": (
        "<q:When> did the {x} <n:tournament> <r:take place>?",
        "<q:On what date> did the {x} <n:tournament> <r:take place>?",
    ),
    "tournament.place": (
        "<q:Where> did the {x} <n:tournament> <r:take place>?",
        "In <q:which> <m:city> did the {x} <n:tournament> <r:take place>?",
    ),
    "tournament.winner": (
        "<q:Who> <r:won> the {x} <n:tournament>?",
        "<q:Who> was the <r:winner> of the {x} <n:tournament>?",
    ),
    "tournament.prize": (
        "<q:What> was the <r:prize money> of the {x} <n:tournament>?",
        "<q:How much> was the <r:prize money> of the {x} <n:tournament>?",
    ),
    "bridge.opened": (
        "<q:When> was the {x} <n:bridge> <r:opened>?",
        "<q:In what year> was the {x} <n:bridge> <r:opened>?",
    ),
    "bridge.length": (
        "<q:How> <r:long> is the {x} <n:bridge>?",
        "<q:What> is the <r:length> of the {x} <n:bridge>?",
    ),
    "bridge.architect": (
        "<q:Who> <r:designed> the {x} <n:bridge>?",
        "<q:Who> is the <r:architect> of the {x} <n:bridge>?",
    ),
    "bridge.river": (
        "<q:Which> <m:river> does the {x} <n:bridge> <r:cross>?",
        "<q:What> is the name of the <m:river> under the {x} <n:bridge>?",
    ),
    "bridge.material": (
        "<q:What> is the {x} <n:bridge> <r:made> of?",
        "<q:What> is the <r:material> of the {x} <n:bridge>?",
    ),
}
