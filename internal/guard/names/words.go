package names

// titles stand before or behind a name and are none. Folded, without dots.
var titles = set(`mr mrs ms miss mx dr prof professor sir dame lord lady rev reverend fr capt captain col colonel maj gen lt sgt hon judge
jr sr ii iii iv phd md msc mba bsc ba ma esq cpa llb llm rn dds mp qc kc
pan pani panna hab mgr inz dypl lek med mec adw ks br sp radca
sra srta srs d dna don dona lic licda ing arq abg dra profa
sig signor signora signorina sigra dott dottssa dottor dottore dottoressa avv avvocato rag geom arch ingegnere gent gentmo gentma egr spett cav on profssa prossa ssa
bay bayan bey hanim av avukat doc yrd uzm muh ogr hoca sayin
herr fru froken siv cand advokat overlege
frau dipl mme mlle`)

// particles belong to the family name behind them.
var particles = set(`de del della dello dei degli di da dal d la las los el van von der den ten ter zu af av le y e i bin ibn al st san mac mc do dos das`)

// offices are words of addresses and display names that no person has.
var offices = set(`info kontakt contact contacto contatti contatto office biuro sekretariat secretariat secretaria segreteria sekretariatet post postmottak firmapost
mail email mailbox postmaster webmaster hostmaster admin administrator administracja administracion amministrazione administrasjon root noreply no-reply donotreply
sales sprzedaz ventas vendite satis salg marketing support pomoc soporte supporto destek help helpdesk service servis servicio servizio kundeservice
hr kadry rrhh risorse personel personal jobs kariera praca careers recruitment rekrutacja empleo lavoro billing invoice invoices faktura faktury fakturamottak facturas facturacion fatture fatturazione fatura
accounting accounts ksiegowosc contabilidad contabilita muhasebe regnskap finance finanse finanzas finanza finans payments platnosci
team zespol equipo squadra ekip takim teamet group grupa grupo gruppo gruppe gruppen list lists lista liste users members all everyone wszyscy todos tutti herkes alle
department dept dzial departamento reparto ufficio bolum avdeling avdelingen oficina ofis kontor kontoret kontoor reception recepcja recepcion reception resepsjon resepsiyon
orders order zamowienia pedidos ordini siparis bestilling shop sklep tienda negozio magaza butikk store warehouse magazyn almacen magazzino depo lager
newsletter news press prasa prensa stampa basin presse media events announcements notifications notification alerts alert robot bot system systems server
company corp corporation inc ltd llc plc gmbh ag as asa sa srl spa sl sarl sp spzoo zoo firma empresa azienda sirket selskap bank hotel school szkola escuela scuola okul skole clinic klinika clinica klinik klinikk university uniwersytet universidad universita universite universitetet
committee board council rada consejo consiglio kurul styret zarzad direccion direzione mudurluk ledelse management legal prawny juridico legale hukuk juridisk security privacy rodo compliance it iod dpo
booking bookings reservations rezerwacje reservas prenotazioni rezervasyon bestillinger studio desk center centre centrum centro merkez senter solutions services consulting energy logistics technologies software group holding foundation fundacja fundacion fondazione vakfi stiftelse
operations ops dispatch shipping transport spedycja dev developers engineering research kernel linux mailing development maillist room rooms conf conference conferencing sala salon salonu moterom toplanti konferencyjna drukarka printer scanner skaner kopiarka fax faks`)
